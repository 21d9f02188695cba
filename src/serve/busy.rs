//! Tells the place of a connection when an answer is under way.

use super::places::{Place, Work};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Answers, and has the connection's place know of it until the last of the answer was handed over.
pub async fn busy(State(place): State<Arc<Place>>, request: Request, next: Next) -> Response {
    let work = place.work();
    next.run(request).await.map(|body| Body::new(Held { body, _work: work }))
}

/// A body, and the work that is done with it.
struct Held {
    body: Body,
    _work: Work,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
