"""The ELMS backend: educators, licences, applications, PINs, and what the telephone may say of them."""
