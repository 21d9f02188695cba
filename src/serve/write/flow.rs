//! How much of a form may come in before anything can be made of it.
//!
//! The reader of forms keeps what it cannot tell apart yet: without a bound a client that sends no
//! boundary would fill the memory, before it has shown who it is.

use axum::body::Body;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_stream::StreamExt;

/// How many bytes may come before the reader gets on. More than any piece that comes at once.
const MOST: usize = 4 << 20;

/// The bytes that have come since the reader last got on.
#[derive(Debug, Clone, Default)]
pub struct Flow(Arc<AtomicUsize>);

impl Flow {
    /// The reader has got on: it has a field, or a piece of one.
    pub fn got_on(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Returns a body that ends with an error where too much comes before the reader gets on.
    pub fn bound(&self, body: Body) -> Body {
        let come = Arc::clone(&self.0);
        Body::from_stream(body.into_data_stream().map(move |piece| {
            let piece = piece?;
            let sum = come.fetch_add(piece.len(), Ordering::Relaxed) + piece.len();
            if sum > MOST { Err(axum::Error::new("no end of a field in sight")) } else { Ok(piece) }
        }))
    }
}
