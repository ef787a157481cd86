"""Every address and method, everyone who may knock, every kind of scope: what the gateway decides against what the design says."""
