"""Apps ask, people answer: the authorization endpoint, launches, pickers and consent."""
