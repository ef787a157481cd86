"""The parts of SMART App Launch: who a client is, what its token allows. No Flask here."""
