"""What a channel says about its site: where it may stand, how it looks, when somebody is there."""
