-- One million rows of twelve columns, the kinds that analysts have; values repeat as real ones do.
CREATE TABLE shop.measurements AS
WITH RECURSIVE digits AS (SELECT 0 AS digit UNION ALL SELECT digit + 1 FROM digits WHERE digit < 9),
  numbers AS (
    SELECT 1 + a.digit + 10 * b.digit + 100 * c.digit + 1000 * d.digit + 10000 * e.digit + 100000 * f.digit AS n
    FROM digits a, digits b, digits c, digits d, digits e, digits f
  )
SELECT
  CAST(n AS SIGNED) AS id,
  CAST(n % 5000 AS SIGNED) AS customer,
  CASE WHEN n % 7 <> 0 THEN n % 100 END AS score,
  CAST(n % 1000000 / 100.0 AS DECIMAL(12, 2)) AS amount,
  n * 37e-2 AS ratio,
  (n % 1000) * 125e-3 AS weight,
  CONCAT('customer ', n % 5000) AS name,
  ELT(1 + n % 5, 'Amsterdam', 'Berlin', 'Lisbon', 'Lyon', 'Milan') AS city,
  n % 3 = 0 AS active,
  DATE '2020-01-01' + INTERVAL n % 2000 DAY AS day,
  TIMESTAMP '2020-01-01 00:00:00' + INTERVAL n * 17 SECOND AS measured_at,
  CASE WHEN n % 4 <> 0 THEN LEFT(SHA2(n % 10000, 256), 32) END AS note
FROM numbers;
