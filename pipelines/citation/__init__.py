"""When a sentence stood in a policy: sightings, evidence, citations."""
