-- A small shop, with the column types that make trouble elsewhere: exact decimals, enums, JSON, text in many scripts, a
-- key of two columns.
CREATE DATABASE inventory CHARACTER SET utf8mb4;
USE inventory;

CREATE TABLE customers (
  id         INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  first_name VARCHAR(100) NOT NULL,
  last_name  VARCHAR(100) NOT NULL,
  email      VARCHAR(255) NOT NULL UNIQUE,
  points     INT UNSIGNED NOT NULL DEFAULT 0,
  is_active  BOOL NOT NULL DEFAULT TRUE,
  born_on    DATE,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
) AUTO_INCREMENT = 1001;

CREATE TABLE products (
  id         INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  sku        CHAR(8) NOT NULL UNIQUE,
  name       VARCHAR(200) NOT NULL,
  price      DECIMAL(10,2) NOT NULL,
  size       ENUM('small','medium','large') NOT NULL DEFAULT 'medium',
  attributes JSON
);

CREATE TABLE orders (
  id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id INT NOT NULL,
  status      ENUM('new','paid','shipped') NOT NULL DEFAULT 'new',
  total       DECIMAL(12,2) NOT NULL DEFAULT 0,
  note        TEXT,
  ordered_at  DATETIME(3) NOT NULL,
  FOREIGN KEY (customer_id) REFERENCES customers (id)
) AUTO_INCREMENT = 10001;

CREATE TABLE order_lines (
  order_id   BIGINT NOT NULL,
  line_no    SMALLINT NOT NULL,
  product_id INT NOT NULL,
  quantity   INT NOT NULL,
  price      DECIMAL(10,2) NOT NULL,
  PRIMARY KEY (order_id, line_no),
  FOREIGN KEY (order_id) REFERENCES orders (id),
  FOREIGN KEY (product_id) REFERENCES products (id)
);

INSERT INTO customers (first_name, last_name, email, points, born_on) VALUES
  ('Anna',   'Kowalska-Łuczak', 'anna@example.com',    12, '1984-02-29'),
  ('Jürgen', 'Weiß',            'juergen@example.com',  0, NULL),
  ('美咲',   '田中',            'misaki@example.com',   7, '1999-12-31'),
  ('Zoë',    'O''Brien 🚲',     'zoe@example.com',      3, '2001-07-04');

INSERT INTO products (sku, name, price, size, attributes) VALUES
  ('BIKE-001', 'Fahrrad „Störtebeker“', 1299.00, 'large',  '{"colour": "blau", "gears": 21, "spare": ["chain", "bell 🔔"]}'),
  ('HELM-002', 'Casque léger',            59.90, 'medium', '{"colour": "rouge", "weight_kg": 0.31}'),
  ('LOCK-003', 'Kłódka',                  24.50, 'small',  NULL),
  ('PUMP-004', '空気入れ',                19.99, 'small',  '{"bar": 8, "digital": false, "valves": ["presta", "schrader"]}'),
  ('BELL-005', 'Bell "ding\\dong"',        7.05, 'small',  '{}');

INSERT INTO orders (customer_id, status, total, note, ordered_at) VALUES
  (1001, 'shipped', 1358.90, 'leave it with the neighbour',  '2024-03-01 09:15:27.250'),
  (1003, 'paid',      44.49, '速達でお願いします',           '2024-03-02 23:59:59.999'),
  (1004, 'new',        7.05, NULL,                           '2024-03-03 00:00:00.000');

INSERT INTO order_lines (order_id, line_no, product_id, quantity, price) VALUES
  (10001, 1, 1, 1, 1299.00), (10001, 2, 2, 1, 59.90),
  (10002, 1, 3, 1,   24.50), (10002, 2, 4, 1, 19.99),
  (10003, 1, 5, 1,    7.05);
