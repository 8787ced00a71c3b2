"""The Review page: everything inspected can be found, looked at and judged again."""
