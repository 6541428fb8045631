"""What receives from phones and keeps numbers and raw words sealed: a process of its own, without Django."""
