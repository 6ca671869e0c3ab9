"""What an editor should mend in an issue, a module a family of checks. Pure: what a check asks of rows is given to it.

`issues.editorial.run_preflight` loads it, and says which checks are made when.
"""
