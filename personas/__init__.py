"""Who the customer is and what may be said to them. No web, no database, no CRM."""
