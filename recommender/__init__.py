"""From order lines to products: fitting on past purchases, answering for any history. No web, no database."""
