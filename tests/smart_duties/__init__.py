"""Black-box tests of the duties listed in conformance/smart: a whole gateway, asked over HTTP."""
