"""A site: root, sandbox, Python and work directories, ready for one attempt at one job."""
