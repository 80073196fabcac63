"""What every page is made of, in rooms: parts, frame, words, drawing, visit; each imports only later ones."""
