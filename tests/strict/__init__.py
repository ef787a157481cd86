"""What a strict client must do: prove its key, push its request, name its server; and how our own keys change."""
