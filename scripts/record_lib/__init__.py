"""The parts of scripts/record: run a case on a Connect worker, write down what it produced, compare two such records."""
