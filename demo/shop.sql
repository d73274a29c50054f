-- A small shop: what a notebook of an analyst would look at.
CREATE TABLE customers (
  id integer PRIMARY KEY,
  name text NOT NULL,
  country text NOT NULL,
  since date NOT NULL
);

CREATE TABLE products (
  id integer PRIMARY KEY,
  name text NOT NULL,
  category text NOT NULL,
  price numeric(8, 2) NOT NULL
);

CREATE TABLE orders (
  id integer PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES customers,
  ordered_at timestamptz NOT NULL,
  shipped_at timestamptz
);

CREATE TABLE order_lines (
  order_id integer NOT NULL REFERENCES orders,
  product_id integer NOT NULL REFERENCES products,
  quantity integer NOT NULL CHECK (quantity > 0),
  price numeric(8, 2) NOT NULL,
  PRIMARY KEY (order_id, product_id)
);

INSERT INTO products VALUES
  (1, 'Notebook, ruled', 'paper', 4.50),
  (2, 'Notebook, dotted', 'paper', 4.90),
  (3, 'Sketchbook A4', 'paper', 12.80),
  (4, 'Letter paper, 50 sheets', 'paper', 9.20),
  (5, 'Fountain pen', 'pens', 39.00),
  (6, 'Ballpoint pen', 'pens', 2.20),
  (7, 'Fineliner set', 'pens', 14.60),
  (8, 'Ink, blue-black', 'ink', 11.90),
  (9, 'Ink, sepia', 'ink', 12.40),
  (10, 'Pencil case', 'accessories', 18.00),
  (11, 'Eraser', 'accessories', 1.10),
  (12, 'Desk lamp', 'accessories', 64.00);

INSERT INTO customers
SELECT
  n,
  (ARRAY['Ada', 'Bram', 'Chiara', 'Dmitri', 'Elif', 'Femke', 'Giulia', 'Hugo', 'Ines', 'Jonas'])[1 + n % 10]
    || ' ' ||
    (ARRAY['Visser', 'Rossi', 'Keller', 'Moreau', 'Silva', 'Novak', 'Jensen'])[1 + n % 7],
  (ARRAY['NL', 'DE', 'FR', 'IT', 'PT', 'DK'])[1 + n % 6],
  date '2023-01-01' + (n * 7) % 1000
FROM generate_series(1, 240) AS n;

-- Deterministic, so that every run shows the same rows.
INSERT INTO orders
SELECT
  n,
  1 + (n * 37) % 240,
  ordered_at,
  CASE WHEN n % 23 <> 0 THEN ordered_at + interval '1 hour' * (20 + n % 90) END
FROM
  generate_series(1, 3000) AS n,
  LATERAL (SELECT timestamptz '2025-01-01 08:00+00' + interval '179 minutes' * n AS ordered_at) AS moment;

INSERT INTO order_lines
SELECT orders.id, products.id, 1 + (orders.id + products.id) % 4, products.price
FROM orders JOIN products ON (orders.id * products.id) % 11 < 3;
