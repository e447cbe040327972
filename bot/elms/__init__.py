"""The application: call flow, announcements, and office hours."""
