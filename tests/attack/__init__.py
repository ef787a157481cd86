"""The corpus of attacks on the authorization server and its tokens: each is refused, and gets through once its defence is taken away."""
