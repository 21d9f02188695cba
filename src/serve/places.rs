//! The places of connections: how many there are, and who makes room when all are taken.
//!
//! A place is held for as long as its connection lasts. When none is free, a connection is closed
//! for the new one: the one that has been asked for nothing the longest, else the one that has taken
//! nothing of its answer the longest. So whoever only holds places keeps nobody out, however many
//! connections they open; a browser opens again what it had kept open for later.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// All places.
#[derive(Debug)]
pub struct Places {
    free: Arc<Semaphore>,
    /// The connections that could make room, those that should first at the beginning.
    spare: Mutex<BTreeMap<(Spare, u64), Arc<Notify>>>,
    /// Told when there is one more.
    came: Notify,
    /// Counts them.
    clock: AtomicU64,
}

/// Why a connection could make room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spare {
    /// It is asked for nothing.
    Idle,
    /// Its client takes nothing of the answer.
    Stalled,
}

/// The place of one connection. It is let go when dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    /// Told when the place is needed.
    needed: Arc<Notify>,
    /// Where it stands among the spare ones.
    stands: Mutex<Option<(Spare, u64)>>,
    _taken: OwnedSemaphorePermit,
}

impl Places {
    /// Makes so many places.
    pub fn new(count: usize) -> Arc<Places> {
        Arc::new(Places {
            free: Arc::new(Semaphore::new(count)),
            spare: Mutex::default(),
            came: Notify::new(),
            clock: AtomicU64::new(0),
        })
    }

    /// Waits for a place for a connection that has just been accepted, and has another make room
    /// where none is free. `None` where there will be no more.
    pub async fn take(self: &Arc<Places>) -> Option<Arc<Place>> {
        let mut waiting = std::pin::pin!(Arc::clone(&self.free).acquire_owned());
        let mut asked = false;
        let taken = loop {
            let mut came = std::pin::pin!(self.came.notified());
            // From here on no call is missed.
            came.as_mut().enable();
            asked = asked || (self.free.available_permits() == 0 && self.ask_for_room());
            tokio::select! {
                biased;
                taken = &mut waiting => break taken.ok()?,
                // Who was asked ends at once; nobody else need be.
                () = came, if !asked => {}
            }
        };
        let place = Arc::new(Place {
            places: Arc::clone(self),
            needed: Arc::default(),
            stands: Mutex::default(),
            _taken: taken,
        });
        place.stand(Some(Spare::Idle));
        Some(place)
    }

    /// Asks the connection that can best be spared to end. Returns whether there is one.
    fn ask_for_room(&self) -> bool {
        match lock(&self.spare).pop_first() {
            Some((_, needed)) => {
                needed.notify_one();
                true
            }
            None => false,
        }
    }
}

impl Place {
    /// Waits until the place is needed.
    pub async fn needed(&self) {
        self.needed.notified().await;
    }

    /// The connection is asked for something, until what is returned is dropped.
    pub fn work(self: &Arc<Place>) -> Work {
        self.stand(None);
        Work(Arc::clone(self))
    }

    /// The client has taken something of an answer, or has not for now.
    pub fn takes(&self, something: bool) {
        let stands = lock(&self.stands).map(|(spare, _)| spare);
        match (stands, something) {
            (None, false) => self.stand(Some(Spare::Stalled)),
            (Some(Spare::Stalled), true) => self.stand(None),
            _ => {}
        }
    }

    fn stand(&self, spare: Option<Spare>) {
        let mut all = lock(&self.places.spare);
        let mut stands = lock(&self.stands);
        if let Some(before) = stands.take() {
            all.remove(&before);
        }
        let Some(spare) = spare else { return };
        let place = (spare, self.places.clock.fetch_add(1, Ordering::Relaxed));
        all.insert(place, Arc::clone(&self.needed));
        *stands = Some(place);
        self.places.came.notify_waiters();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.stand(None);
    }
}

/// Held while a request is answered.
#[derive(Debug)]
pub struct Work(Arc<Place>);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.stand(Some(Spare::Idle));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
