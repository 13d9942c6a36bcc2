#[path = "../../src/charts.rs"]
mod drawing;

/// Two engines whose distances are all zero have their lines in lanes of their own: neither covers the other.
#[test]
fn equal_curves_are_both_seen() {
    let zeros = [vec![0.0; 20], vec![0.0; 20]];
    let file = drawing::by_epoch("", "", "distance", &[("one", &zeros), ("other", &zeros)]).unwrap();
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut bytes).unwrap();
    let pixels = bytes.as_chunks::<3>().0;
    for color in [[0, 114, 178], [213, 94, 0]] {
        let count = pixels.iter().filter(|pixel| **pixel == color).count();
        assert!(count > 2000, "{count} pixels of {color:?}");
    }
}

#[test]
fn odd_distances_are_drawn() {
    for distances in [vec![0.0], vec![5.0], vec![3.0; 4], vec![f64::NAN; 4], vec![0.0, f64::NAN, 1.0, f64::MAX]] {
        let columns = [distances.clone(), distances.clone()];
        assert!(drawing::by_epoch("", "", "", &[("engine", &columns)]).is_ok(), "{distances:?}");
        let epochs = distances.len();
        assert!(drawing::map("", "", &[("a case", distances.clone())], epochs).is_ok(), "{distances:?}");
        assert!(drawing::map("", "", &vec![("a case", distances.clone()); 500], epochs).is_ok(), "{distances:?}");
    }
}
