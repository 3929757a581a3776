//! Protobuf's wire format, read field by field without making anything of it.

/// Why wire bytes cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken(pub(crate) &'static str);

/// How a value is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// A number of one to ten bytes.
    Varint,
    /// Eight bytes.
    Fixed64,
    /// A length, then so many bytes.
    Length,
    /// Fields up to the matching end.
    GroupStart,
    /// The end of a group.
    GroupEnd,
    /// Four bytes.
    Fixed32,
}

/// Bytes that are left to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

const SHORT: Broken = Broken("the message ends in the middle of a field");

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left to read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads a field's number and layout.
    #[inline]
    pub(crate) fn tag(&mut self) -> Result<(u32, Layout), Broken> {
        let key = u32::try_from(self.varint()?).map_err(|_| Broken("a field number is too large"))?;
        let layout = match key & 7 {
            0 => Layout::Varint,
            1 => Layout::Fixed64,
            2 => Layout::Length,
            3 => Layout::GroupStart,
            4 => Layout::GroupEnd,
            5 => Layout::Fixed32,
            _ => return Err(Broken("a wire type does not exist")),
        };
        match key >> 3 {
            0 => Err(Broken("a field number is 0")),
            number => Ok((number, layout)),
        }
    }

    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, Broken> {
        match self.rest.split_first() {
            Some((byte, rest)) if *byte < 0x80 => {
                self.rest = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, Broken> {
        let mut value = 0;
        for (at, byte) in self.rest.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * at);
            if *byte < 0x80 {
                if at == 9 && *byte > 1 {
                    break;
                }
                self.rest = &self.rest[at + 1..];
                return Ok(value);
            }
        }
        Err(if self.rest.len() < 10 { SHORT } else { Broken("a number has more than 64 bits") })
    }

    pub(crate) fn fixed32(&mut self) -> Result<[u8; 4], Broken> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(SHORT)?;
        self.rest = rest;
        Ok(*bytes)
    }

    pub(crate) fn fixed64(&mut self) -> Result<[u8; 8], Broken> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(SHORT)?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// Reads a length and so many bytes.
    #[inline]
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Broken> {
        let length = usize::try_from(self.varint()?).map_err(|_| SHORT)?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(SHORT)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Passes over a value. `false`: it is a group, which is not looked into here.
    pub(crate) fn skip(&mut self, layout: Layout) -> Result<bool, Broken> {
        match layout {
            Layout::Varint => self.varint().map(drop)?,
            Layout::Fixed64 => self.fixed64().map(drop)?,
            Layout::Length => self.bytes().map(drop)?,
            Layout::Fixed32 => self.fixed32().map(drop)?,
            Layout::GroupStart => return Ok(false),
            Layout::GroupEnd => return Err(Broken("a group ends that did not begin")),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_to_their_64th_bit_and_no_further() {
        let read = |bytes: &[u8]| Reader::new(bytes).varint();
        assert_eq!(read(&[0x96, 0x01]), Ok(150));
        assert_eq!(read(&[0x80, 0x00]), Ok(0));
        let most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(read(&most), Ok(u64::MAX));
        let over = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02];
        assert_eq!(read(&over), Err(Broken("a number has more than 64 bits")));
        assert_eq!(read(&[0x80; 11]), Err(Broken("a number has more than 64 bits")));
        for short in [&[][..], &[0x80], &[0xff; 9]] {
            assert_eq!(read(short), Err(SHORT), "{short:?}");
        }
    }

    #[test]
    fn a_length_beyond_the_end_is_short_whatever_its_size() {
        for wire in [&[2, 1][..], &most_length()] {
            assert_eq!(Reader::new(wire).bytes(), Err(SHORT));
        }
        let mut reader = Reader::new(&[1, 7, 9]);
        assert_eq!((reader.bytes(), reader.rest()), (Ok(&[7][..]), &[9][..]));
    }

    fn most_length() -> Vec<u8> {
        [[0xff; 9].as_slice(), &[1, 0]].concat()
    }
}
