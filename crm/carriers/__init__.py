"""The places where firms reside: who comes and goes, what space there is and who has it."""
