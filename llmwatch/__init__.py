"""LLM Watch: papers come in, an editor makes an issue of them, readers read it, subscribers get it."""

__version__ = "0.1.0"
