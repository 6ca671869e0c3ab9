from mailings.admin import events, mailings, subscribers  # noqa: F401 (each registers its models)
