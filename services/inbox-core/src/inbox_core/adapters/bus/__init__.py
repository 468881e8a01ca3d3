"""What inbox-core hears from adapters beside the streams: announcements, and answers."""
