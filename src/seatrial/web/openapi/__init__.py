"""The OpenAPI 3.1 description of every route: one file per noun, assembled in `document`."""
