import WebTransfer

/// Where a body goes. Called on the thread that asked for it.
protocol BodyReceiver: AnyObject {
  /// Takes the next bytes of a successful (2xx) response's body.
  func receive(_ bytes: UnsafeRawBufferPointer, of response: HTTPResponse) throws(ModelHubError)
}

/// Why a request has no complete response.
enum TransferFailure: Error {
  /// `isTransient` if the same request may work a moment later.
  case transport(reason: String, isTransient: Bool)
  /// The receiver refused the body.
  case receiver(ModelHubError)
  case cancelled
}

/// GET requests one after the other, over connections that are kept open between them.
///
/// Follows no redirect by itself, so that what is sent to whom is decided in one place (`HubClient`).
final class HTTPConnection {
  private static let maxErrorBytes = 4096

  private let limits: TransferLimits
  private let cancellation: CancellationFlag

  init(limits: TransferLimits, cancellation: CancellationFlag) {
    self.limits = limits
    self.cancellation = cancellation
  }

  /// Requests an address. Bodies of 2xx responses go to the receiver; of any other, the first 4 kB come back as text.
  func get(
    _ address: WebAddress, headers: [(name: String, value: String)], receiver: some BodyReceiver
  ) throws(TransferFailure) -> (response: HTTPResponse, errorBody: String) {
    var failure: ModelHubError?
    var errorBody: [UInt8] = []
    let response: WebResponse
    do throws(WebError) {
      response = try WebTransfer.streamBlocking(request(address, headers)) {
        cancellation.isRaised
      } onBytes: { head, bytes in
        guard head.isSuccess else {
          errorBody += bytes.prefix(Self.maxErrorBytes - errorBody.count)
          return errorBody.count < Self.maxErrorBytes
        }
        return bytes.withUnsafeBytes { buffer in
          do throws(ModelHubError) {
            try receiver.receive(buffer, of: HTTPResponse(head))
            return true
          } catch {
            failure = error
            return false
          }
        }
      }
    } catch {
      if cancellation.isRaised { throw .cancelled }
      throw .transport(reason: error.description, isTransient: error.isTransient)
    }
    if let failure { throw .receiver(failure) }
    return (HTTPResponse(response), String(decoding: errorBody, as: UTF8.self))
  }

  private func request(_ address: WebAddress, _ headers: [(name: String, value: String)]) -> WebRequest {
    // How long a whole file takes is not known; that it comes steadily is what counts.
    var request = WebRequest(
      url: address.text, headers: headers + [("User-Agent", "agentrl")], timeout: .seconds(366 * 86_400),
      maxBodyBytes: .max)
    request.connectTimeout = limits.connectTimeout
    request.stallTimeout = limits.stallTimeout
    request.minimumRate = 1000
    // A transfer encoding of the server's choice would make byte positions meaningless.
    request.acceptsCompression = false
    request.usesEnvironmentProxy = true
    return request
  }
}
