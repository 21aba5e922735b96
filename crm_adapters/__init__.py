"""One interface to many CRMs, one file per vendor; knows nothing of the web, the database or the application."""
