"""The index's tables and the statements that fill and question them."""

VERSION = "1"
"""Part of every fingerprint: another version of these tables is built anew."""

SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -32000;
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE products (
    id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, name TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE customers (id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE keys (kind TEXT NOT NULL, value TEXT NOT NULL, ref TEXT NOT NULL);
CREATE TABLE sources (id INTEGER PRIMARY KEY, file TEXT NOT NULL);
CREATE TABLE lines (
    id INTEGER PRIMARY KEY, source INTEGER NOT NULL, line INTEGER NOT NULL,
    order_ref TEXT NOT NULL, customer_ref TEXT NOT NULL, placed_at INTEGER NOT NULL,
    product_ref TEXT NOT NULL, name TEXT NOT NULL, quantity TEXT NOT NULL, price TEXT, currency TEXT,
    status TEXT NOT NULL,
    raw_status TEXT NOT NULL, line_ref TEXT NOT NULL, country TEXT,
    promised_at INTEGER, delivered_at INTEGER, updated_at INTEGER
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, ref TEXT NOT NULL, customer_ref TEXT NOT NULL, placed_at INTEGER NOT NULL,
    status TEXT NOT NULL, raw_status TEXT NOT NULL, promised_at INTEGER, delivered_at INTEGER,
    updated_at INTEGER, lines INTEGER NOT NULL
);
CREATE TABLE rejected (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL,
    reason TEXT NOT NULL, kept INTEGER NOT NULL
);
"""

ADD_PRODUCT = "INSERT OR IGNORE INTO products (ref, name, body) VALUES (?, ?, ?)"
ADD_CUSTOMER = "INSERT OR IGNORE INTO customers (ref, body) VALUES (?, ?)"
ADD_KEY = "INSERT INTO keys (kind, value, ref) VALUES (?, ?, ?)"
ADD_SOURCE = "INSERT INTO sources (file) VALUES (?)"
ADD_LINE = "INSERT INTO lines VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
REJECT = "INSERT INTO rejected (kind, file, line, reason, kept) VALUES (?, ?, ?, ?, ?)"
SET_META = "INSERT OR REPLACE INTO meta VALUES (?, ?)"

# An order belongs to the customer of its first line.
GATHER_ORDERS = (
    "CREATE INDEX lines_of_order ON lines (order_ref, customer_ref, placed_at)",
    """CREATE TEMP TABLE shared AS SELECT order_ref, min(id) AS first FROM lines
       GROUP BY order_ref HAVING min(customer_ref) <> max(customer_ref)""",
    """CREATE TEMP TABLE strange AS SELECT line.id FROM shared
       JOIN lines AS first ON first.id = shared.first
       JOIN lines AS line ON line.order_ref = shared.order_ref AND line.customer_ref <> first.customer_ref""",
    """INSERT INTO rejected (kind, file, line, reason, kept)
       SELECT 'orders', file, line, 'names another customer than the order''s first line', 0
       FROM lines JOIN sources ON sources.id = source
       WHERE lines.id IN (SELECT id FROM strange) ORDER BY lines.id""",
    "DELETE FROM lines WHERE id IN (SELECT id FROM strange)",
    """INSERT INTO orders
       SELECT first.id, first.order_ref, first.customer_ref, gathered.placed_at,
              first.status, first.raw_status, first.promised_at, first.delivered_at, first.updated_at,
              gathered.lines
       FROM (SELECT min(id) AS id, min(placed_at) AS placed_at, count(*) AS lines
             FROM lines GROUP BY order_ref) AS gathered
       JOIN lines AS first ON first.id = gathered.id ORDER BY first.id""",
    "CREATE INDEX orders_of_customer ON orders (customer_ref, placed_at)",
    "CREATE INDEX keys_by_value ON keys (kind, value)",
)

REMARK_UNKNOWN_PRODUCTS = """
INSERT INTO rejected (kind, file, line, reason, kept)
SELECT 'orders', file, line, 'names a product that no products file lists: kept without it', 1
FROM lines JOIN sources ON sources.id = source
WHERE NOT EXISTS (SELECT 1 FROM products WHERE ref = product_ref) ORDER BY lines.id
"""
# Strangers are customers of orders whom no customers file lists.
STRANGERS = """
CREATE TEMP TABLE strangers AS SELECT customer_ref, min(id) AS first FROM orders
WHERE NOT EXISTS (SELECT 1 FROM customers WHERE ref = customer_ref) GROUP BY customer_ref
"""
REMARK_STRANGERS = """
INSERT INTO rejected (kind, file, line, reason, kept)
SELECT 'orders', file, line, 'names a customer that no customers file lists: kept by number only', 1
FROM strangers JOIN lines ON lines.id = first JOIN sources ON sources.id = source ORDER BY lines.id
"""
ADD_STRANGERS = """
INSERT INTO customers (ref, body) SELECT lines.customer_ref, bare_customer(lines.customer_ref, country)
FROM strangers JOIN lines ON lines.id = first ORDER BY lines.id
"""
# SQLite takes the other columns of a group from the row that holds the max.
PRODUCTS_OF_LINES = """
SELECT product_ref, name, max(CASE WHEN name <> '' THEN placed_at END) FROM lines
GROUP BY product_ref ORDER BY product_ref
"""
PRICES_OF_LINES = """
SELECT product_ref, currency, price, count(*) FROM lines
WHERE CAST(price AS REAL) > 0 AND CAST(quantity AS REAL) > 0
GROUP BY product_ref, currency, price ORDER BY product_ref, currency
"""

COUNT = "SELECT value FROM meta WHERE name = ?"
META = "SELECT name, value FROM meta"
CUSTOMER = "SELECT body FROM customers WHERE ref = ?"
CUSTOMERS_BY_KEY = """
SELECT DISTINCT body FROM keys JOIN customers ON customers.ref = keys.ref
WHERE kind = ? AND value = ? ORDER BY customers.id LIMIT ?
"""
PAGE = {
    "products": "SELECT id, body FROM products WHERE id > ? ORDER BY id LIMIT ?",
    "customers": "SELECT id, body FROM customers WHERE id > ? ORDER BY id LIMIT ?",
}
_ORDER = "id, ref, customer_ref, placed_at, status, raw_status, promised_at, delivered_at, updated_at"
ORDERS_PAGE = f"SELECT {_ORDER} FROM orders WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608 - made of constants
ORDERS_OF_CUSTOMER = f"""
SELECT {_ORDER} FROM orders WHERE customer_ref = ? AND placed_at >= ? ORDER BY placed_at DESC, id DESC
"""  # noqa: S608 - made of constants
_LINE = """
SELECT orders.id, line_ref, products.ref, product_ref, coalesce(nullif(lines.name, ''), products.name),
       quantity, price, currency
FROM orders JOIN lines ON lines.order_ref = orders.ref LEFT JOIN products ON products.ref = product_ref
"""
LINES_OF_ORDERS = f"{_LINE} WHERE orders.id BETWEEN ? AND ? ORDER BY orders.id, lines.id"
REJECTED_PAGE = (
    "SELECT id, file, line, reason, kept FROM rejected WHERE kind = ? AND id > ? ORDER BY id LIMIT ?"
)
COUNTS = {
    "products": "SELECT count(*) FROM products",
    "customers": "SELECT count(*) FROM customers",
    "orders": "SELECT coalesce(sum(lines), 0) FROM orders",
}
COUNT_REJECTED = "SELECT count(*) FROM rejected WHERE kind = ? AND NOT kept"
