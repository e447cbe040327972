"""The application: call flow, login, announcements, and office hours."""
