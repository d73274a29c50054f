-- One million rows of twelve columns, the kinds that analysts have; values repeat as real ones do.
CREATE TABLE measurements AS
SELECT
  n::bigint AS id,
  (n % 5000)::integer AS customer,
  CASE WHEN n % 7 <> 0 THEN (n % 100)::smallint END AS score,
  (n % 1000000 / 100.0)::numeric(12, 2) AS amount,
  n * 0.37 AS ratio,
  (n % 1000)::real / 8 AS weight,
  'customer ' || n % 5000 AS name,
  (ARRAY['Amsterdam', 'Berlin', 'Lisbon', 'Lyon', 'Milan'])[1 + n % 5] AS city,
  n % 3 = 0 AS active,
  date '2020-01-01' + (n % 2000)::integer AS day,
  timestamptz '2020-01-01 00:00+00' + n * interval '17 seconds' AS measured_at,
  CASE WHEN n % 4 <> 0 THEN md5((n % 10000)::text) END AS note
FROM generate_series(1, 1000000) AS n;
ALTER TABLE measurements ALTER COLUMN ratio TYPE double precision;
GRANT SELECT ON measurements TO PUBLIC;
VACUUM ANALYZE measurements;
