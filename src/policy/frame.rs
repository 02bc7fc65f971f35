//! Messages between the host and its worker: four bytes of length, little-endian, then that many bytes.
//!
//! Invariant: a length is checked against the reader's bound before anything is allocated, so neither side
//! can make the other grow. A stream that ends inside a frame is an error; one that ends between two frames
//! is its end. Knows nothing of what the messages mean.

use std::io::{self, ErrorKind, Read, Write};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

const HEADER: usize = 4;

/// Why a frame could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The other side closed the stream between two frames.
    #[error("the stream ended")]
    Ended,
    /// The other side closed the stream inside a frame.
    #[error("the stream ended inside a message")]
    Half,
    /// The length is beyond the reader's bound.
    #[error("a message of {length} bytes, of which at most {bound} are accepted")]
    TooLong {
        /// What the header says.
        length: u64,
        /// What the reader accepts.
        bound: u64,
    },
    /// The stream broke.
    #[error("{0}")]
    Broken(#[source] io::Error),
}

fn broken(error: io::Error) -> FrameError {
    match error.kind() {
        ErrorKind::UnexpectedEof => FrameError::Half,
        _ => FrameError::Broken(error),
    }
}

fn header(payload: &[u8]) -> Result<[u8; HEADER], FrameError> {
    let too_long = |_| FrameError::TooLong { length: payload.len() as u64, bound: u64::from(u32::MAX) };
    Ok(u32::try_from(payload.len()).map_err(too_long)?.to_le_bytes())
}

fn length(header: [u8; HEADER], bound: u64) -> Result<usize, FrameError> {
    let length = u64::from(u32::from_le_bytes(header));
    if length > bound {
        return Err(FrameError::TooLong { length, bound });
    }
    usize::try_from(length).map_err(|_| FrameError::TooLong { length, bound })
}

/// Reads a frame of at most `bound` bytes, blocking.
pub fn read(from: &mut impl Read, bound: u64) -> Result<Vec<u8>, FrameError> {
    let mut head = [0; HEADER];
    let mut filled = 0;
    while filled < HEADER {
        match from.read(&mut head[filled..]) {
            Ok(0) if filled == 0 => return Err(FrameError::Ended),
            Ok(0) => return Err(FrameError::Half),
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(FrameError::Broken(error)),
        }
    }
    let mut payload = vec![0; length(head, bound)?];
    from.read_exact(&mut payload).map_err(broken)?;
    Ok(payload)
}

/// Writes a frame, blocking.
pub fn write(to: &mut impl Write, payload: &[u8]) -> Result<(), FrameError> {
    to.write_all(&header(payload)?).map_err(broken)?;
    to.write_all(payload).map_err(broken)?;
    to.flush().map_err(broken)
}

/// Reads a frame of at most `bound` bytes.
pub async fn receive(from: &mut (impl AsyncRead + Unpin), bound: u64) -> Result<Vec<u8>, FrameError> {
    let mut head = [0; HEADER];
    let mut filled = 0;
    while filled < HEADER {
        match from.read(&mut head[filled..]).await {
            Ok(0) if filled == 0 => return Err(FrameError::Ended),
            Ok(0) => return Err(FrameError::Half),
            Ok(count) => filled += count,
            Err(error) => return Err(FrameError::Broken(error)),
        }
    }
    let mut payload = vec![0; length(head, bound)?];
    from.read_exact(&mut payload).await.map_err(broken)?;
    Ok(payload)
}

/// Writes a frame.
pub async fn send(to: &mut (impl AsyncWrite + Unpin), payload: &[u8]) -> Result<(), FrameError> {
    to.write_all(&header(payload)?).await.map_err(broken)?;
    to.write_all(payload).await.map_err(broken)?;
    to.flush().await.map_err(broken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_written_is_read_again(payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 0..5)) {
            let mut stream = Vec::new();
            for payload in &payloads {
                write(&mut stream, payload).unwrap();
            }
            let mut rest = stream.as_slice();
            for payload in &payloads {
                prop_assert_eq!(&read(&mut rest, 100).unwrap(), payload);
            }
            prop_assert!(matches!(read(&mut rest, 100), Err(FrameError::Ended)));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
            let mut rest = bytes.as_slice();
            while read(&mut rest, 16).is_ok() {}
        }
    }

    #[test]
    fn a_cut_frame_is_told_from_the_end_of_the_stream() {
        let mut whole = Vec::new();
        write(&mut whole, b"abc").unwrap();
        for cut in 1..whole.len() {
            assert!(matches!(read(&mut &whole[..cut], 10), Err(FrameError::Half)), "cut at {cut}");
        }
    }

    #[test]
    fn a_length_beyond_the_bound_is_refused_before_anything_is_read() {
        let error = read(&mut [0xff; 8].as_slice(), 1000).unwrap_err();
        assert_eq!(error.to_string(), "a message of 4294967295 bytes, of which at most 1000 are accepted");
    }
}
