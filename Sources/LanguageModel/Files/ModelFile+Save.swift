import AgentCore

extension ModelFile {
  /// Writes a folder that Hugging Face libraries load: `model.safetensors` (F32) and `config.json`.
  ///
  /// The folder is made if it is missing. Each file is complete or absent: a failure (a full disk, say) leaves an older
  /// file of that name as it was.
  public static func save(_ parameters: ParameterBuffer, _ configuration: TransformerConfiguration, folder: String)
    throws(ModelFileError)
  {
    try makeFolder(folder)
    try saveTensors(parameters, path: folder + "/model.safetensors", metadata: [("format", "pt")])
    let file = try AtomicFile(folder + "/config.json")
    try file.write(json(of: configuration).serialized() + "\n")
    try file.commit()
  }

  /// Writes a buffer's tensors as one safetensors file (F32): weights, or an optimizer's moments.
  /// - Parameter metadata: strings kept in the header's `__metadata__`.
  public static func saveTensors(_ buffer: ParameterBuffer, path: String, metadata: [(key: String, value: String)] = [])
    throws(ModelFileError)
  {
    var header: JSONObject = [:]
    if !metadata.isEmpty {
      header["__metadata__"] = .object(JSONObject(uniqueKeysWithValues: metadata.map { ($0.key, .string($0.value)) }))
    }
    var offset = 0
    for tensor in buffer.tensors {
      let end = offset + 4 * tensor.count
      header[tensor.name] = [
        "dtype": "F32", "shape": .array(tensor.shape.map { JSONValue($0) }),
        "data_offsets": [JSONValue(offset), JSONValue(end)],
      ]
      offset = end
    }
    var text = JSONValue.object(header).serialized()
    // Data starts on a multiple of 8 bytes, as the reference writer does.
    text += String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
    let file = try AtomicFile(path)
    try withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { (bytes) throws(ModelFileError) in
      try file.write(bytes)
    }
    try file.write(text)
    for tensor in buffer.tensors {
      try buffer.withTensor(tensor) { (values) throws(ModelFileError) in
        try file.write(UnsafeRawBufferPointer(values))
      }
    }
    try file.commit()
  }

  /// Reads a safetensors file into a buffer that holds exactly its tensors.
  public static func loadTensors(_ path: String, into buffer: ParameterBuffer) throws(ModelFileError) {
    let stored = try SafetensorsFile(try MappedFile(path)).tensors
    for tensor in buffer.tensors {
      guard let found = stored[tensor.name] else { throw .missingTensor(path: path, name: tensor.name) }
      try found.decode(into: buffer, tensor)
    }
  }
}
