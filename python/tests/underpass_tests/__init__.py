"""Tests of the distribution; a package of their own name beside the other tests of the repository."""
