from mailings.admin import events, issues, mailings, subscribers  # noqa: F401 (each registers its models)
