"""The main job as stories on real input: records in, what each client agreed to out, and nothing else to anyone."""
