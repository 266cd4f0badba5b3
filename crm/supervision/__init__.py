"""督查: orders that units answer for by a day, from 立项 to 归档, and the 通报 that tells everybody how they stand."""
