"""The only room from which anything is asked of the outside."""
