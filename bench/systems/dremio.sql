CREATE TABLE scratch.measurements (
    id BIGINT, device INT, room INT, value DOUBLE, ratio FLOAT, price DECIMAL(12, 2), name VARCHAR, note VARCHAR,
    ok BOOLEAN, measured TIMESTAMP, day DATE, raw VARBINARY
);
INSERT INTO scratch.measurements
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
SELECT i, i % 5000, CASE WHEN i % 10 THEN i % 40 END, i * 0.25, (i % 1000) / 7.0,
    printf('%d.%02d', i % 100000, i % 100), 'sensor ' || (i % 1000), CASE WHEN i % 3 THEN 'note number ' || i END,
    i % 2, datetime(1700000000 + i, 'unixepoch'), date(1700000000 + i, 'unixepoch'), CAST(i AS BLOB)
FROM n;
