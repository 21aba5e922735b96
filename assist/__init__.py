"""The application: wires CRM, recommender and personas together and serves them to people."""
