"""What every request and every answer passes, whatever it is about: who may ask, compression, files to save."""
