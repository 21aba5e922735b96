"""What the product costs, beside something named; see README.md. Run as modules from the project's folder."""
