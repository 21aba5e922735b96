"""The final fit on Apache Spark, for purchases that one machine cannot hold: settings and combinations are learned
locally on a sample of customers, and what is fitted on everything comes back as the arrays of the same artifact.

Needs the extra `spark` and Java; no other package imports this one, except the command that asks for it.
"""
