//! Types of files: the same in feeds and where files are served.

/// Returns the media type of files with an extension, which is in small letters, without a charset.
pub fn media_type(extension: &str) -> &'static str {
    match extension {
        "html" => "text/html",
        "xml" => "application/xml",
        "css" => "text/css",
        "js" => "text/javascript",
        "opml" => "text/x-opml",
        "json" => "application/json",
        "txt" | "md" | "toml" => "text/plain",
        "csv" => "text/csv",
        "ics" => "text/calendar",
        "vcf" => "text/vcard",
        "vtt" => "text/vtt",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "bmp" => "image/bmp",
        "ico" => "image/x-icon",
        "tif" | "tiff" => "image/tiff",
        "heic" => "image/heic",
        "heif" => "image/heif",
        "svg" => "image/svg+xml",
        "mp3" => "audio/mpeg",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "m4a" => "audio/mp4",
        "aac" => "audio/aac",
        "flac" => "audio/flac",
        "wav" => "audio/wav",
        "mp4" | "m4v" => "video/mp4",
        "mov" => "video/quicktime",
        "webm" => "video/webm",
        "ogv" => "video/ogg",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "pdf" => "application/pdf",
        "epub" => "application/epub+zip",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        "gpx" => "application/gpx+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_data() {
        for (extension, expected) in [
            ("jpg", "image/jpeg"),
            ("aac", "audio/aac"),
            ("heif", "image/heif"),
            ("", "application/octet-stream"),
            ("exe", "application/octet-stream"),
        ] {
            assert_eq!(media_type(extension), expected, "{extension}");
        }
    }
}
