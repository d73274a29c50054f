"""What stands in front of SecantusDB so that tests find what a MongoDB deployment has and it lacks."""
