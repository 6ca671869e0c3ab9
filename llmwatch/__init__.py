"""LLM Watch: papers come in, an editor makes an issue of them, readers read it, subscribers get it."""
