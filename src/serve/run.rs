//! Accepts connections until it is told to stop.

use super::busy::busy;
use super::handles;
use super::password::Elsewhere;
use super::places::{Place, Places};
use super::router;
use super::site::Site;
use super::wire::Wire;
use anyhow::{Context, Result};
use axum::middleware::from_fn_with_state;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};

/// What one client may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long a client may take to send the head of a request, or to ask again on a connection:
    /// who sends a byte now and then must not hold a place for ever.
    pub head: Duration,
    /// How long a client may take nothing of an answer.
    pub stall: Duration,
    /// How many connections there are at once. For more, those make room that
    /// can be spared.
    pub connections: usize,
    /// How long answers under way are waited for at the end.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            head: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            connections: 512,
            grace: Duration::from_secs(2),
        }
    }
}

/// The most of a request's head, and of an answer, that is kept for one connection, in bytes.
const BUFFER: usize = 64 << 10;
/// The most lines a request's head may have.
const HEAD_LINES: usize = 100;
/// How many files are read at once for all connections together.
const READERS: usize = 32;

/// A server on a thread of its own, for programs that know nothing of async.
#[derive(Debug)]
pub struct Server {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Result<()>>,
}

impl Server {
    /// Starts to serve a site on the listeners of [`super::bind`].
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(listeners: Vec<TcpListener>, site: Arc<Site>, limits: Limits) -> Result<Server> {
        let runtime = runtime()?;
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            let shutdown = async move { stopped.await.unwrap_or_default() };
            let result = runtime.block_on(run(listeners, site, limits, shutdown));
            // A read that hangs on a dead disk must not hold up the end.
            runtime.shutdown_background();
            result
        };
        let thread = std::thread::Builder::new().name("serve".to_owned()).spawn(serve);
        Ok(Server { stop, thread: thread.context("cannot start the server")? })
    }

    /// Stops the server: no new connections, streams of events end, answers under way get
    /// [`Limits::grace`].
    ///
    /// # Errors
    /// Those of [`run`].
    pub fn stop(self) -> Result<()> {
        // The server may have ended by itself; then its own error is the one to tell.
        self.stop.send(()).ok();
        match self.thread.join() {
            Ok(result) => result,
            Err(_) => anyhow::bail!("the server ended by a fault of the program"),
        }
    }
}

fn runtime() -> Result<Runtime> {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().max_blocking_threads(READERS);
    builder.build().context("cannot start the server")
}

/// Serves a site until `shutdown` is done.
///
/// # Errors
/// When the listeners cannot be used.
pub async fn run(
    listeners: Vec<TcpListener>,
    site: Arc<Site>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> Result<()> {
    let (accepted, mut connections) = mpsc::channel(1);
    let places = Places::new(handles::connections(limits.connections));
    let mut accepting = Vec::new();
    for listener in listeners {
        listener.set_nonblocking(true).context("cannot listen")?;
        let listener = tokio::net::TcpListener::from_std(listener).context("cannot listen")?;
        accepting.push(tokio::spawn(accept(listener, places.clone(), accepted.clone())));
    }
    drop(accepted);
    site.open();
    let router = router(site.clone());
    let graceful = GracefulShutdown::new();
    let mut tasks = Vec::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some((stream, peer, place)) = connections.recv() => {
                tasks.retain(|task: &tokio::task::JoinHandle<()>| !task.is_finished());
                let router = match peer.ip().to_canonical().is_loopback() {
                    true => router.clone(),
                    false => router.clone().layer(Extension(Elsewhere)),
                };
                tasks.push(converse(stream, place, router, limits, &graceful));
            }
        }
    }
    accepting.iter().for_each(tokio::task::JoinHandle::abort);
    drop(connections);
    site.close();
    // Who is not done by then is cut off.
    tokio::time::timeout(limits.grace, graceful.shutdown()).await.ok();
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(())
}

/// A connection, with who is at its other end and the place it takes.
type Accepted = (TcpStream, SocketAddr, Arc<Place>);

/// Accepts connections, as long as somebody takes them.
async fn accept(
    listener: tokio::net::TcpListener,
    places: Arc<Places>,
    accepted: mpsc::Sender<Accepted>,
) {
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            // Out of file handles, or the client is gone already: both pass.
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Some(place) = places.take().await else { return };
        if accepted.send((stream, peer, place)).await.is_err() {
            return;
        }
    }
}

/// Answers the requests of a connection, as a task.
fn converse(
    stream: TcpStream,
    place: Arc<Place>,
    router: Router,
    limits: Limits,
    graceful: &GracefulShutdown,
) -> tokio::task::JoinHandle<()> {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head);
    builder.max_buf_size(BUFFER).max_headers(HEAD_LINES);
    let router = router.layer(from_fn_with_state(Arc::clone(&place), busy));
    let stream = TokioIo::new(Wire::new(stream, Arc::clone(&place), limits.stall));
    let connection = builder.serve_connection(stream, TowerToHyperService::new(router));
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // What goes wrong here is the client's: it left, or spoke no HTTP.
        tokio::select! {
            _ = connection => {}
            () = place.needed() => {}
        }
    })
}
