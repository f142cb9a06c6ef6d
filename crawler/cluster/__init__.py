"""One job on many machines: their tasks, their shards of sites, the allowance that they share."""
