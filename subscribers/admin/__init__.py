from subscribers.admin import imports, subscribers  # noqa: F401 (each registers its models)
